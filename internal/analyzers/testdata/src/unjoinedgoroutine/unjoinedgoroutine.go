package unjoinedgoroutine

import (
	"io"
	"time"
)

type Cache struct{ n int }

func NewCache() *Cache {
	c := &Cache{}
	go c.loop() // want "unjoined-goroutine: nobody can wait for the end of go c.loop$"
	go func() { // want "unjoined-goroutine: nobody can wait for the end of go a function literal$"
		for {
			c.clean()
			time.Sleep(time.Minute)
		}
	}()
	return c
}

func (c *Cache) loop() {
	for range time.Tick(time.Second) {
		c.clean()
	}
}

func (c *Cache) clean() { c.n = 0 }

func tick() {
	ticker := time.NewTicker(time.Second)
	go func() { // want "unjoined-goroutine"
		for {
			select {
			case <-ticker.C:
				work(1)
			}
		}
	}()
}

func each(list []int) {
	for _, n := range list {
		go work(n) // want "nobody can wait for the end of go work$"
	}
}

func work(n int) {
	if n > 0 {
		work(n - 1)
	}
}

func elsewhere(w io.Writer, r io.Reader) {
	go func() { // want "unjoined-goroutine"
		_, _ = io.Copy(w, r)
	}()
}
