// Package program holds the commands of a program.
package program

import (
	"flag"
	"log"
	"os"

	"github.com/spf13/cobra"
)

func Main(*cobra.Command) {
	flag.Parse()
	if _, err := os.Open(flag.Arg(0)); err != nil {
		log.Fatal(err)
	}
}
