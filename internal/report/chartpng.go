package report

import (
	"bytes"
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/barraiser/barraiser/internal/debt"
)

// The picture of a message is wide, and has about twice the pixels that it is
// shown with, for sharp screens.
const pictureDPI = 144

// pictureTitle is the height of the line above the chart, in points.
const pictureTitle = 26

// Picture is a chart for a message, which shows no SVG and has no table beside it.
type Picture struct {
	PNG []byte
	Alt string // what there is to see; plain text
}

// Picture draws the debt over time, like with like as on the page of the survey. It
// stands on light paper: what is behind a message is not known. The picture has no bytes where
// there are not two whole points to draw a line between. The error is about a number
// that cannot be drawn.
func (v Survey) Picture() (Picture, error) {
	if _, _, ok := debt.Ends(v.Points); !ok {
		return Picture{}, nil
	}
	c := v.debtChart()
	c.lines[0].values = v.alike()
	light, size := themes[0], chartSizes[0]
	canvas := vgimg.PngCanvas{Canvas: vgimg.NewWith(
		vgimg.UseWH(size.width, size.height+pictureTitle), vgimg.UseDPI(pictureDPI), vgimg.UseBackgroundColor(light.paper),
	)}
	whole := draw.New(canvas)
	style := text.Style{Color: light.ink, Font: sans(12), YAlign: text.YTop, Handler: plot.DefaultTextHandler}
	whole.FillText(style, vg.Point{X: 10, Y: whole.Max.Y - 8}, clip(plain(v.Sentence()), 90))
	if err := c.draw(draw.Crop(whole, 6, 0, 4, -pictureTitle), light, size); err != nil {
		return Picture{}, err
	}
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return Picture{}, fmt.Errorf("draw %s: %w", c.slug, err)
	}
	return Picture{PNG: b.Bytes(), Alt: plain(c.desc)}, nil
}
