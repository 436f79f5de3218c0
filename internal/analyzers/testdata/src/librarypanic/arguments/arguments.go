package arguments

import (
	"flag"
	"log"
	"os"
)

// Run is all of a program whose main calls nothing else.
func Run() {
	name := flag.String("name", "", "")
	flag.Parse()
	if err := os.Remove(*name); err != nil {
		log.Fatal(err)
	}
}
