package structfields

import "sync"

type server struct { // want "struct-fields: struct with 6 fields$"
	sync.Mutex
	addr, name string
	_          [8]byte
	inner      struct{ a, b, c int }
	count      int
	done       chan bool
}

func (s *server) run() {
	s.Lock()
	s.count++
	s.inner.a = 1
}

func (s *server) stop() { close(s.done) }

func (s server) String() string { return s.addr + s.name }

type pool[K comparable] struct { // want "struct-fields: struct with 5 fields$"
	*sync.Mutex
	free, used map[K]int
	size       int
	unknown    int
}

func (p *pool[K]) get(k K) int { return p.free[k] }
func (p *pool[K]) put(k K)     { p.used[k] = 0 }
func (p *pool[K]) len() int    { return p.size }
