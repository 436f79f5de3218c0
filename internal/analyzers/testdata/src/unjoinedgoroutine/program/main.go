package main

import "github.com/spf13/cobra"

func main() {
	go work()
	run(nil)
}

func run(*cobra.Command) {
	go work()
}

func helper() {
	go work() // want "unjoined-goroutine"
}

func work() {}
