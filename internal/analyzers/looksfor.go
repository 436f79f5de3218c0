package analyzers

// looksFor are the methods for which checks look by their names, in types of
// other packages, whether or not the code or an interface in sight names them.
// TestLooksFor reads them in the sources of the checks.
var looksFor = map[string]bool{
	"As": true, "Close": true, "Context": true, "Error": true, "Errorf": true, "Fatalf": true,
	"Format": true, "GoString": true, "Is": true, "Lock": true, "Logf": true, "MarshalBinary": true,
	"MarshalJSON": true, "MarshalText": true, "MarshalXML": true, "MarshalXMLAttr": true,
	"Panicf": true, "Printf": true, "RLock": true, "RUnlock": true, "RemoteAddr": true, "Skipf": true,
	"String": true, "UnmarshalBinary": true, "UnmarshalJSON": true, "UnmarshalText": true,
	"UnmarshalXML": true, "UnmarshalXMLAttr": true, "Unlock": true, "Unwrap": true, "Write": true,
}

// LooksFor reports whether a check may look for methods of the name.
func LooksFor(method string) bool { return looksFor[method] }
