package web

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"

	"github.com/barraiser/barraiser/internal/report"
)

// A page about debt and its charts are one survey, asked for by several requests
// right after each other. So a survey is kept for a short time, under what it is of
// and what its viewer may see of that: who may see other repositories gets another
// one. Nothing hangs on it: what is not kept is made again.

const (
	// sheetTime is how long a survey is kept: less than it takes for a page to look
	// wrong.
	sheetTime = time.Minute
	maxSheets = 128
)

type sheetKey [sha256.Size]byte

// keptSheet is a sheet, with what the page says beside it.
type keptSheet struct {
	*report.Sheet
	catalogue string
	until     time.Time
}

// sheets keeps them. The zero value is empty.
type sheets struct {
	mu   sync.Mutex
	kept map[sheetKey]keptSheet
}

func (k *sheets) get(key sheetKey, now time.Time) (keptSheet, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	sheet, ok := k.kept[key]
	return sheet, ok && now.Before(sheet.until)
}

func (k *sheets) put(key sheetKey, sheet keptSheet, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil {
		k.kept = map[sheetKey]keptSheet{}
	}
	for old, s := range k.kept {
		if len(k.kept) >= maxSheets || !now.Before(s.until) { // which of them goes does not matter
			delete(k.kept, old)
		}
	}
	k.kept[key] = sheet
}

// key is what a survey hangs on, beside the time.
func (sc scope) key(view string) sheetKey {
	h := sha256.New()
	for _, part := range []string{string(sc.kind), sc.path(), view} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	for _, repo := range sc.repos {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(repo.ID)))
	}
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(sc.unasked)))
	return sheetKey(h.Sum(nil))
}

// sheetOf is what the page of the visit is drawn from.
func (s *site) sheetOf(v *visit) (scope, keptSheet, error) {
	sc, err := s.scopeOf(v)
	if err != nil {
		return sc, keptSheet{}, err
	}
	key := sc.key(viewOf(v))
	if sheet, ok := s.sheets.get(key, v.now); ok {
		return sc, sheet, nil
	}
	survey, err := s.survey(v.ctx(), sc, v.now)
	if err != nil {
		return sc, keptSheet{}, err
	}
	sheet := keptSheet{survey.Sheet(viewOf(v) == leadership), survey.Catalogue, v.now.Add(sheetTime)}
	s.sheets.put(key, sheet, v.now)
	return sc, sheet, nil
}
