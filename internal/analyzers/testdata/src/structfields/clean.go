package structfields

// options have no methods.
type options struct {
	a, b, c, d, e, f int
}

// counters are filled and read out.
type counters struct {
	a, b, c, d, e int
}

func (c *counters) register() { c.a, c.b, c.c, c.d, c.e = 1, 2, 3, 4, 5 }
func (c *counters) sum() int  { return c.a + c.b + c.c + c.d + c.e }
func (c *counters) name() string {
	return "counters"
}

// wire is as wide as its format; what is left is narrow.
type wire struct {
	A int `json:"a"`
	B int `json:"b"`
	C int `json:"c"`
	D int `json:"d"`
	E int `json:"e"`

	parsed, valid bool
}

func (w *wire) one() int   { w.parsed = true; return w.A + w.B }
func (w *wire) two() int   { w.valid = true; return w.C + w.D }
func (w *wire) three() int { return w.E }

// record is known to its methods in the smaller part.
type record struct {
	a, b, c, d, e, f, g, h, i int
}

func (r *record) one() int   { return r.a }
func (r *record) two() int   { return r.b }
func (r *record) three() int { return r.c }
func (record) four(r server) { r.run() }

// small is small.
type small struct{ a, b, c int }

func (s *small) one() int   { return s.a }
func (s *small) two() int   { return s.b }
func (s *small) three() int { return s.c }
