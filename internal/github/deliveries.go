package github

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/go-github/v60/github"
)

// HookDelivery is a webhook that GitHub sent, or tried to.
type HookDelivery struct {
	ID           int64
	GUID         string
	At           time.Time
	Redelivery   bool
	Event        string
	Action       string
	Installation int64
	Repository   int64
	Status       int // that we answered; 0: no answer
}

// DeliveriesSince are those after a time, the oldest first. GitHub keeps about
// three days of them; whole is false where there are more than were read.
func (a *App) DeliveriesSince(ctx context.Context, since time.Time) (list []HookDelivery, whole bool, err error) {
	c := a.client(scope{reach: asApp})
	opts := &github.ListCursorOptions{PerPage: 100}
	for range mostDeliveryPages {
		page, resp, err := c.Apps.ListHookDeliveries(ctx, opts)
		if err != nil {
			return nil, false, fail("list webhook deliveries", err)
		}
		for _, d := range page {
			if d.GetDeliveredAt().Before(since) {
				return oldestFirst(list), true, nil
			}
			list = append(list, HookDelivery{
				ID: d.GetID(), GUID: d.GetGUID(), At: d.GetDeliveredAt().Time, Redelivery: d.GetRedelivery(),
				Event: d.GetEvent(), Action: d.GetAction(), Installation: d.GetInstallationID(), Repository: d.GetRepositoryID(),
				Status: d.GetStatusCode(),
			})
		}
		if resp.Cursor == "" {
			return oldestFirst(list), true, nil
		}
		opts.Cursor = resp.Cursor
	}
	return oldestFirst(list), false, nil
}

// mostDeliveryPages is 10,000 deliveries.
const mostDeliveryPages = 100

func oldestFirst(list []HookDelivery) []HookDelivery {
	slices.Reverse(list)
	return list
}

// Redeliver asks for a delivery once more. It comes with the same GUID.
func (a *App) Redeliver(ctx context.Context, id int64) error {
	_, _, err := a.client(scope{reach: asApp}).Apps.RedeliverHookDelivery(ctx, id)
	if _, accepted := errors.AsType[*github.AcceptedError](err); accepted {
		err = nil
	}
	return fail(fmt.Sprintf("ask for delivery %d again", id), err)
}
