package errcheck

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
)

func handled(tx *sql.Tx) (err error) {
	_ = fails()
	_, _ = two()
	if err := fails(); err != nil {
		return err
	}
	defer tx.Rollback()
	f, err := os.Open("x")
	if err != nil {
		return err
	}
	defer f.Close()
	if err := fails(); err != nil {
		f.Close()
		tx.Rollback()
		return fmt.Errorf("x: %w", err)
	}
	switch {
	case err != nil:
		f.Close()
		panic(err)
	}
	defer func() { recover() }()
	if err != nil {
		tx.Rollback()
	}
	out, err := os.Create("y")
	defer func() {
		if err != nil {
			out.Close()
		}
	}()
	in, err := os.Open("z")
	in.Close()
	os.Stdout.WriteString("x")
	return err
}

func prints(w http.ResponseWriter, out io.Writer, rows *sql.Rows, conn net.Conn, resp *http.Response) {
	fmt.Println("x")
	fmt.Fprintln(os.Stdout, "x")
	fmt.Fprintln(os.Stderr, "x")
	fmt.Fprintf(w, "x")
	fmt.Fprintf(out, "x")
	io.WriteString(w, "x")
	w.Write(nil)

	var b strings.Builder
	b.WriteString("x")
	var buf bytes.Buffer
	fmt.Fprint(&buf, "x")
	h := sha256.New()
	h.Write(nil)
	t := tabwriter.NewWriter(out, 0, 8, 1, ' ', 0)
	fmt.Fprintln(t, "x")
	t.Flush()

	rows.Close()
	conn.Close()
	resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	os.Remove("x")

	errs := make(chan error)
	<-errs
}
