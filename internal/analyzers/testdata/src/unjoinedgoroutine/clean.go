package unjoinedgoroutine

import (
	"context"
	"io"
	"net"
	"net/http"
	"os/exec"
	"sync"
)

type pump struct {
	done chan struct{}
	wg   sync.WaitGroup
	cond *sync.Cond
}

func (p *pump) start(ctx context.Context, cancel context.CancelFunc, work func()) {
	p.wg.Add(1)
	go func() {
		defer p.wg.Done()
		work1()
	}()
	p.wg.Go(func() { work1() })
	go func() {
		defer close(p.done)
		work1()
	}()
	go p.loop()
	go func() { p.indirect() }()
	go wait(ctx)
	go func() {
		work1()
		cancel()
	}()
	go func() {
		work1()
		p.cond.Broadcast()
	}()
	go work()
	go func() { work() }()
	func() {
		go func() { p.done <- struct{}{} }()
	}()
}

func (p *pump) indirect() { p.loop() }

func (p *pump) loop() {
	for {
		select {
		case <-p.done:
			return
		default:
			work1()
		}
	}
}

func work1() {}

func wait(ctx context.Context) { <-ctx.Done() }

func handed(results chan<- int, n int) {
	go send(results, n)
}

func send(results chan<- int, n int) { results <- n }

func known(l net.Listener, srv *http.Server, cmd *exec.Cmd, w *io.PipeWriter, in, out net.Conn) {
	go http.Serve(l, nil)
	go func() { _ = srv.ListenAndServe() }()
	go func() { _ = cmd.Wait() }()
	go func() { _, _ = w.Write(nil) }()
	go func() {
		_, _ = io.Copy(in, out)
		_ = in.Close()
	}()
	go srv.Serve(l)
	_, err := io.Copy(out, in)
	_ = err
}

func init() {
	go work1()
}
