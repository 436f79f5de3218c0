package report

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"strings"
	"testing"
)

// TestPicture: the picture is a PNG of the promised size, on paper that is not
// transparent, with a line on it, says in words what it shows, and is the same one
// each time.
func TestPicture(t *testing.T) {
	got, err := Survey{Trend: history(hostile)}.Picture()
	if err != nil {
		t.Fatal(err)
	}
	if name := os.Getenv("BARRAISER_PICTURE"); name != "" { // to look at it
		if err := os.WriteFile(name, got.PNG, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	img, err := png.Decode(bytes.NewReader(got.PNG))
	if err != nil {
		t.Fatal(err)
	}
	if size := img.Bounds().Size(); size != image.Pt(1120, 472) {
		t.Errorf("the picture is %v, want 1120×472", size)
	}
	paper, line := 0, 0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			switch c := color.NRGBAModel.Convert(img.At(x, y)); c {
			case color.NRGBA{255, 255, 255, 255}:
				paper++
			case color.NRGBA{0x00, 0x72, 0xb2, 255}:
				line++
			}
		}
	}
	if paper < 1120*472/2 || line < 1000 {
		t.Errorf("%d pixels of paper and %d of the line", paper, line)
	}
	if !strings.HasPrefix(got.Alt, "Debt: from ") {
		t.Errorf("it says %q", got.Alt)
	}
	again, err := Survey{Trend: history(hostile)}.Picture()
	if err != nil || !bytes.Equal(again.PNG, got.PNG) {
		t.Errorf("another picture the second time, %v", err)
	}
}

func TestPictureOfNothing(t *testing.T) {
	one := history("x")
	one.Points, one.Jumps = one.Points[:1], nil
	for name, trend := range map[string]Trend{"nothing": {}, "one state": one} {
		if got, err := (Survey{Trend: trend}).Picture(); err != nil || got.PNG != nil {
			t.Errorf("%s: %d bytes, %v, want none", name, len(got.PNG), err)
		}
	}
	broken := history("x")
	broken.Points[0].Principal = math.NaN()
	if _, err := (Survey{Trend: broken}).Picture(); err == nil {
		t.Error("it drew what is no number")
	}
}
