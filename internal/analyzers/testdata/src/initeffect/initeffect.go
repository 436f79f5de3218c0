package initeffect

import (
	"flag"
	"html/template"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
)

var home = os.Getenv("HOME") // want "init-effect: the initialiser of home reads the environment: os.Getenv$"

var verbose = flag.Bool("v", false, "") // want "init-effect: the initialiser of verbose defines a flag for every program: flag.Bool$"

var page = template.Must(template.ParseFiles("page.html")) // want "works on files: template.ParseFiles$"

var first, second = 1, lookup("HOST") // want "init-effect: the initialiser of second reads the environment: os.LookupEnv in lookup$"

var atOnce = func() []byte {
	data, _ := os.ReadFile("data") // want "init-effect: the initialiser of atOnce works on files: os.ReadFile$"
	return data
}()

func lookup(name string) int {
	if _, ok := os.LookupEnv(name); ok {
		return 1
	}
	return lookup("")
}

func init() {
	log.SetFlags(0) // want "init-effect: init changes the state of another package: log.SetFlags$"
	load()          // one finding of each init
}

func init() {
	load() // want "init-effect: init works on files: os.Create in load$"
}

func load() { save() }

func save() {
	f, _ := os.Create("x")
	_ = f.Close()
}

func init() {
	go load() // want "init-effect: init starts a goroutine: go load$"
}

func init() {
	http.DefaultClient.Timeout = 1 // want "init-effect: init changes the state of another package: http.DefaultClient$"
}

func init() {
	os.Args[0] = "x" // want "init-effect: init changes the state of another package: os.Args$"
}

func init() {
	_, _ = net.Dial("tcp", ":1") // want "init-effect: init works on the network: net.Dial$"
}

func init() {
	_ = exec.Command("true").Run() // want `init-effect: init works on processes: exec.Command\("true"\).Run$`
}

func init() {
	if home == "" {
		flag.Parse() // want "init-effect: init parses the command line: flag.Parse$"
	}
}

func init() {
	signal.Notify(nil) // want "init-effect: init changes the process: signal.Notify$"
}

func init() {
	http.HandleFunc("/", nil) // want "init-effect: init changes the state of another package: http.HandleFunc$"
}

func init() {
	runtime.GOMAXPROCS(2) // want "init-effect: init changes the process: runtime.GOMAXPROCS$"
}
