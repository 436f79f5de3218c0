package storetest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A server is a PostgreSQL in a temporary folder, reached by a socket there. It
// does not sync: what it holds is gone with the test.
type server struct {
	dir   string
	bin   string   // folder of PostgreSQL's programs
	leash *os.File // it stops when this is closed, and so also when we are killed
}

// start starts the one server of this process.
var start = sync.OnceValues(startServer)

// errMissing says that there is no PostgreSQL here.
var errMissing = errors.New("no PostgreSQL server: initdb is neither on PATH nor below /usr/lib/postgresql")

// made counts the schemas and databases.
var made atomic.Int64

func running(t TB) *server {
	t.Helper()
	s, err := start()
	if errors.Is(err, errMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func postgresURL(t TB) string {
	t.Helper()
	s := running(t)
	// A schema is as good as a database, and made a hundred times as fast.
	name := "test" + strconv.FormatInt(made.Add(1), 10)
	if err := s.exec(t.Context(), "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	return s.url("postgres") + "&search_path=" + name
}

// PostgreSQL gives the address of a new, empty database, as an operator has one,
// for who works on it with PostgreSQL's own programs. They lie in the folder bin.
// Without a PostgreSQL on the machine it does as URL.
func PostgreSQL(t TB) (url, bin string) {
	t.Helper()
	s := running(t)
	name := "test" + strconv.FormatInt(made.Add(1), 10)
	if err := s.exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return s.url(name), s.bin
}

func (s *server) url(database string) string {
	return "postgres://postgres@/" + database + "?host=" + url.QueryEscape(s.dir)
}

func (s *server) exec(ctx context.Context, statement string) error {
	db, err := sql.Open("pgx", s.url("postgres"))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}

// run ends the server, and removes its folder, when standard input ends or the
// whole group of processes is told to. Its arguments are postgres and the folder.
const run = `
trap : INT TERM HUP
"$1" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 &
server=$!
cat >/dev/null
kill -INT $server
wait $server
rm -rf "$2"`

func startServer() (*server, error) {
	bin, err := findServer()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "barraiser-pg-")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir, bin: bin}
	if err := s.boot(bin); err != nil {
		if s.leash == nil {
			err = errors.Join(err, os.RemoveAll(dir))
		} else {
			err = errors.Join(err, s.leash.Close())
		}
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return s, nil
}

func (s *server) boot(bin string) error {
	// It refuses to run as root.
	demote, err := demotion(s.dir)
	if err != nil {
		return err
	}
	var output bytes.Buffer
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--pgdata="+filepath.Join(s.dir, "data"))
	initdb.Dir, initdb.Stdout, initdb.Stderr = s.dir, &output, &output
	demote(initdb)
	if err := initdb.Run(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, output.Bytes())
	}
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	in, leash, err := os.Pipe()
	if err != nil {
		return err
	}
	defer in.Close()
	s.leash = leash
	postgres := exec.Command("sh", "-c", run, "sh", filepath.Join(bin, "postgres"), s.dir)
	postgres.Dir, postgres.Stdin, postgres.Stdout, postgres.Stderr = s.dir, in, log, log
	demote(postgres)
	if err := postgres.Start(); err != nil {
		return err
	}
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		err := s.exec(context.Background(), "SELECT 1")
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(log.Name())
			return fmt.Errorf("%w\n%s", err, text)
		}
	}
}

// findServer returns the folder of initdb and postgres, the newest where there
// are several.
func findServer() (string, error) {
	if initdb, err := exec.LookPath("initdb"); err == nil {
		// A link to it has the other programs not beside it.
		initdb, err = filepath.EvalSymlinks(initdb)
		return filepath.Dir(initdb), err
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // Debian's
	if err != nil || len(found) == 0 {
		return "", errors.Join(errMissing, err)
	}
	slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) })
	return filepath.Dir(found[len(found)-1]), nil
}

func version(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb)))) // "15"
	return n
}
