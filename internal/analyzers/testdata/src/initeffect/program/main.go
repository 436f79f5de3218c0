package main

import (
	"flag"
	"net/http"
	"os"
)

var (
	address = flag.String("address", "", "")
	home    = os.Getenv("HOME")
)

func init() { http.DefaultClient.Timeout = 1 }

func init() {
	_ = os.Remove("x") // want "init-effect: init works on files: os.Remove$"
}

func main() {}
