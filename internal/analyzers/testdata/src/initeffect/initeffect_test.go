package initeffect

import (
	"flag"
	"os"
)

var update = flag.Bool("update", false, "")

func init() { _ = os.Setenv("TZ", "") }
