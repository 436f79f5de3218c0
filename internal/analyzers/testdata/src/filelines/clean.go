package filelines

// A short file with a long comment:
//
// 1
//
// 2
//
// 3

const short = true
