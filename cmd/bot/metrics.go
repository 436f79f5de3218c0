package main

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/queue"
	"github.com/barraiser/barraiser/internal/sandbox"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// metrics are counted in a registry of our own. Labels have few values: no
// repository, person or path.
type metrics struct {
	registry   *prometheus.Registry
	deliveries *prometheus.CounterVec
	answers    prometheus.Histogram
	jobs       *prometheus.HistogramVec
	packages   *prometheus.CounterVec
	analyses   *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "barraiser_deliveries_total", Help: "Webhooks answered, by event and status.",
		}, []string{"event", "status"}),
		answers: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "barraiser_delivery_seconds", Help: "Time until a webhook was answered.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, 1, 10},
		}),
		jobs: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "barraiser_job_seconds", Help: "Time that jobs took, by kind and outcome.",
			Buckets: []float64{.01, .05, .25, 1, 5, 15, 60, 300},
		}, []string{"kind", "outcome"}),
		packages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "barraiser_packages_total", Help: "Packages with their variants that analyses met, by what was done with them; docs/engine.md says more.",
		}, []string{"what"}),
		analyses: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "barraiser_analysis_cpu_seconds_total", Help: "Processor time of analyses, by part.",
		}, []string{"part"}),
	}
	m.registry.MustRegister(m.deliveries, m.answers, m.jobs, m.packages, m.analyses, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// analysed counts what an analysis did and was spared.
func (m *metrics) analysed(s engine.Stats) {
	for what, n := range map[string]int{
		"listed": s.Listed, "typed": s.Typed, "loaded": s.Loaded, "lent": s.Lent, "analysed": s.Analysed, "recalled": s.Recalled,
		"judged": s.Judged, "kept": s.Kept, "pruned": s.Pruned,
	} {
		m.packages.WithLabelValues(what).Add(float64(n))
	}
	for _, p := range s.Phases {
		m.analyses.WithLabelValues(p.Name).Add(p.CPU)
	}
}

// confined shows which layers of the sandbox are in force.
func (m *metrics) confined(s sandbox.Sandbox) {
	layers := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "barraiser_sandbox_layer", Help: "Whether a layer of the sandbox confines the judge.",
	}, []string{"layer"})
	for _, l := range sandbox.AllLayers {
		in := 0.0
		if s.Has(l) {
			in = 1
		}
		layers.WithLabelValues(string(l)).Set(in)
	}
	m.registry.MustRegister(layers)
}

func (m *metrics) answered(event string, status int, took time.Duration) {
	m.deliveries.WithLabelValues(event, strconv.Itoa(status)).Inc()
	m.answers.Observe(took.Seconds())
}

// handler shows the metrics, with what waits in the store as it is now.
func (m *metrics) handler(db *store.DB) http.Handler {
	m.registry.MustRegister(&backlog{db: db})
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// backlog reads what waits when it is asked.
type backlog struct{ db *store.DB }

var (
	waiting = prometheus.NewDesc("barraiser_waiting", "Subjects and effects that wait; failing are some of the effects, dead were given up.", []string{"kind"}, nil)
	oldest  = prometheus.NewDesc("barraiser_waiting_seconds", "Since when the subject waits that waits longest; 0: none does.", nil, nil)
)

func (b *backlog) Describe(ch chan<- *prometheus.Desc) { ch <- waiting; ch <- oldest }

func (b *backlog) Collect(ch chan<- prometheus.Metric) {
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	now, err := b.db.Backlog(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(waiting, err)
		return
	}
	age := 0.0
	if !now.Oldest.IsZero() {
		age = time.Since(now.Oldest).Seconds()
	}
	ch <- prometheus.MustNewConstMetric(waiting, prometheus.GaugeValue, float64(now.Subjects), "subjects")
	ch <- prometheus.MustNewConstMetric(waiting, prometheus.GaugeValue, float64(now.Effects), "effects")
	ch <- prometheus.MustNewConstMetric(waiting, prometheus.GaugeValue, float64(now.Failing), "failing")
	ch <- prometheus.MustNewConstMetric(waiting, prometheus.GaugeValue, float64(now.Dead), "dead")
	ch <- prometheus.MustNewConstMetric(oldest, prometheus.GaugeValue, age)
}

// watch times the jobs.
func (m *metrics) watch(h queue.Handlers) queue.Handlers { return watched{m, h} }

type watched struct {
	metrics *metrics
	of      queue.Handlers
}

func (w watched) time(kind string, began time.Time, err error) {
	outcome := "done"
	if err != nil {
		outcome = "failed"
	}
	w.metrics.jobs.WithLabelValues(kind, outcome).Observe(time.Since(began).Seconds())
}

func (w watched) Reconcile(ctx context.Context, s signoff.Subject) (again bool, err error) {
	began := time.Now()
	defer func() { w.time("reconcile", began, err) }()
	return w.of.Reconcile(ctx, s)
}

func (w watched) Perform(ctx context.Context, e signoff.Effect) (err error) {
	began := time.Now()
	defer func() { w.time(string(e.Kind), began, err) }()
	return w.of.Perform(ctx, e)
}

func (w watched) History(ctx context.Context, repository int64) (again bool, err error) {
	began := time.Now()
	defer func() { w.time("history", began, err) }()
	return w.of.History(ctx, repository)
}

func (w watched) Sweep(ctx context.Context, kind string) (err error) {
	began := time.Now()
	name, _, _ := strings.Cut(kind, "/") // not the numbers behind it
	defer func() { w.time("sweep-"+name, began, err) }()
	return w.of.Sweep(ctx, kind)
}
