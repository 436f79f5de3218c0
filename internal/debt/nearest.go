package debt

import (
	"cmp"
	"container/heap"
	"slices"
)

// spot is a finding of either side in one file, by its line at the head.
type spot struct {
	line       int
	item       int
	head       bool
	prev, next int // the free neighbours in order of line; out of range: none
	taken      bool
}

// nearest pairs findings that differ by nothing but their line: the closest two
// first. The order does not depend on which side is which. It calls pair with
// the index of a base and a head finding.
func nearest(base, head []spot, pair func(b, h int)) {
	base, head = pairEqual(base, head, pair)
	if len(base) == 0 || len(head) == 0 {
		return
	}
	// No line is left on both sides, so the order is the same when they are
	// swapped. The closest two are always neighbours.
	spots := slices.Concat(base, head)
	slices.SortStableFunc(spots, func(a, b spot) int { return cmp.Compare(a.line, b.line) })
	for i := range spots {
		spots[i].prev, spots[i].next = i-1, i+1
	}
	var gaps gapHeap
	push := func(left, right int) {
		if left >= 0 && right < len(spots) && spots[left].head != spots[right].head {
			heap.Push(&gaps, gap{spots[right].line - spots[left].line, left, right})
		}
	}
	for i := range spots {
		push(i, i+1)
	}
	for gaps.Len() > 0 {
		g := heap.Pop(&gaps).(gap)
		l, r := &spots[g.left], &spots[g.right]
		if l.taken || r.taken {
			continue
		}
		l.taken, r.taken = true, true
		if l.head {
			pair(r.item, l.item)
		} else {
			pair(l.item, r.item)
		}
		if l.prev >= 0 {
			spots[l.prev].next = r.next
		}
		if r.next < len(spots) {
			spots[r.next].prev = l.prev
		}
		push(l.prev, r.next)
	}
}

// pairEqual pairs what is on the same line and returns the rest, by line.
func pairEqual(base, head []spot, pair func(b, h int)) (restBase, restHead []spot) {
	byLine := func(a, b spot) int { return cmp.Compare(a.line, b.line) }
	slices.SortStableFunc(base, byLine)
	slices.SortStableFunc(head, byLine)
	for len(base) > 0 && len(head) > 0 {
		switch b, h := base[0], head[0]; {
		case b.line < h.line:
			base, restBase = base[1:], append(restBase, b)
		case b.line > h.line:
			head, restHead = head[1:], append(restHead, h)
		default:
			pair(b.item, h.item)
			base, head = base[1:], head[1:]
		}
	}
	return append(restBase, base...), append(restHead, head...)
}

// gap is the distance between two free neighbours of different sides.
type gap struct{ lines, left, right int }

type gapHeap []gap

func (h gapHeap) Len() int      { return len(h) }
func (h gapHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h gapHeap) Less(i, j int) bool {
	return h[i].lines < h[j].lines || h[i].lines == h[j].lines && h[i].left < h[j].left
}
func (h *gapHeap) Push(x any) { *h = append(*h, x.(gap)) }
func (h *gapHeap) Pop() any {
	last := len(*h) - 1
	g := (*h)[last]
	*h = (*h)[:last]
	return g
}
