// Package crash names the points between two steps at which a test kills the
// program, to see that neither is lost nor done twice. The points stand where the
// steps are: crash.At("check sent, not saved").
//
// In the program that people run there is nothing behind the names: no variable is
// read and no code is left. Only a build with the tag crashpoints can die
// (internal/system, TestCrash).
package crash
