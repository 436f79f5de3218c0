package bot

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/signoff"
)

// Remote is where the repositories are fetched from.
type Remote interface {
	RemoteURL(repo signoff.Repo) string
	Credential(ctx context.Context, installation int64, repo signoff.Repo) func() (string, error)
}

// Disk keeps the mirrors in a folder of this machine, one for each repository by
// its number. What is lost of it is fetched again.
type Disk struct {
	dir, scratch string
	remote       Remote

	mu   sync.Mutex
	open map[string]*git.Mirror // by address: a renamed repository has another
}

// NewDisk keeps mirrors in a folder. Scratch is one for what is written while a mirror
// is read.
func NewDisk(dir, scratch string, remote Remote) *Disk {
	return &Disk{dir: dir, scratch: scratch, remote: remote, open: map[string]*git.Mirror{}}
}

// Fetch brings commits to this machine and opens the repository that holds them.
// Close it.
func (d *Disk) Fetch(ctx context.Context, installation int64, repo signoff.Repo, commits ...string) (*git.Repo, error) {
	mirror, err := d.mirror(ctx, repo)
	if err != nil {
		return nil, err
	}
	if err := mirror.Fetch(ctx, commits, d.remote.Credential(ctx, installation, repo)); err != nil {
		return nil, fmt.Errorf("fetch of %s: %w", repo.Full(), err)
	}
	return mirror.Repo(d.scratch)
}

// FetchReleases brings the tags of releases on commits that are on this machine.
func (d *Disk) FetchReleases(ctx context.Context, installation int64, repo signoff.Repo) error {
	mirror, err := d.mirror(ctx, repo)
	if err != nil {
		return err
	}
	if err := mirror.FetchReleases(ctx, d.remote.Credential(ctx, installation, repo)); err != nil {
		return fmt.Errorf("%s: %w", repo.Full(), err)
	}
	return nil
}

func (d *Disk) mirror(ctx context.Context, repo signoff.Repo) (*git.Mirror, error) {
	address := d.remote.RemoteURL(repo)
	d.mu.Lock()
	defer d.mu.Unlock()
	if m := d.open[address]; m != nil {
		return m, nil
	}
	m, err := git.OpenMirror(ctx, filepath.Join(d.dir, fmt.Sprint(repo.ID)), address)
	if err != nil {
		return nil, err
	}
	d.open[address] = m
	return m, nil
}
