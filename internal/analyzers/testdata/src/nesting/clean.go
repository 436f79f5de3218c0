package nesting

// A chain of else-ifs is one level, and a block none.
func chain(n int) string {
	if n == 0 {
		return "zero"
	} else if n == 1 {
		return "one"
	} else if n == 2 {
		{
			for {
				return "two"
			}
		}
	} else if n == 3 {
		return "three"
	}
	return "many"
}

func straight() {}
