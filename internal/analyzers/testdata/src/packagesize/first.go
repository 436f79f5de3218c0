// Package packagesize has 131 exported symbols: 120 variables, 8 constants, a
// type, a function and a method.
package packagesize // want "god-package: package with 32 lines of code, 131 exported symbols and 3 imported packages$" "package-fan-out: package that imports 3 packages$"

import (
	"fmt"
	str "strings"
)

var (
	V0, V1, V2, V3, V4, V5, V6, V7, V8, V9                     int
	V10, V11, V12, V13, V14, V15, V16, V17, V18, V19           int
	V20, V21, V22, V23, V24, V25, V26, V27, V28, V29           int
	V30, V31, V32, V33, V34, V35, V36, V37, V38, V39           int
	V40, V41, V42, V43, V44, V45, V46, V47, V48, V49           int
	V50, V51, V52, V53, V54, V55, V56, V57, V58, V59           int
	V60, V61, V62, V63, V64, V65, V66, V67, V68, V69           int
	V70, V71, V72, V73, V74, V75, V76, V77, V78, V79           int
	V80, V81, V82, V83, V84, V85, V86, V87, V88, V89           int
	V90, V91, V92, V93, V94, V95, V96, V97, V98, V99           int
	V100, V101, V102, V103, V104, V105, V106, V107, V108, V109 int
	V110, V111, V112, V113, V114, V115, V116, V117, V118, V119 int
)

const A, B, C, D, E, F, G, H = 1, 2, 3, 4, 5, 6, 7, 8

type T struct{ N int }

func (*T) M() { fmt.Print() }

func (*T) m() {}

func Func() { str.NewReader("") }

type hidden struct{}

// Nobody sees the method.
func (hidden) M() {}
