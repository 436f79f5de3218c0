// Openapi-trim cuts GitHub's OpenAPI description down to the operations that
// the bot uses and the schemas that they reach. Descriptions and examples of
// schemas go too: the judge reads none.
//
// The input is the file generated/api.github.com.json of the npm package
// @octokit/openapi, version 23.0.2, which is under the MIT licence:
//
//	npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz
//	go run ./scripts/openapi-trim package/generated/api.github.com.json \
//		> internal/github/githubtest/contract/testdata/openapi.json
//
// The operations are the lines of operations.txt.
package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

//go:embed operations.txt
var operations string

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "openapi-trim:", err)
		os.Exit(1)
	}
}

func run(args []string, w io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: openapi-trim FILE")
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		return fmt.Errorf("parse %s: %w", args[0], err)
	}
	trimmed, err := trim(doc, strings.Split(strings.TrimSpace(operations), "\n"))
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(trimmed)
}

// trim keeps the named operations, each a method and a path. The servers go:
// the description is to hold for a server on any address.
func trim(doc map[string]any, operations []string) (map[string]any, error) {
	t := trimmer{doc: doc, components: map[string]any{}}
	paths := map[string]any{}
	for _, operation := range operations {
		method, path, _ := strings.Cut(operation, " ")
		item, _ := lookup(doc, "paths", path).(map[string]any)
		op, ok := item[strings.ToLower(method)]
		if !ok {
			return nil, fmt.Errorf("%s is not described", operation)
		}
		kept, ok := paths[path].(map[string]any)
		if !ok {
			kept = map[string]any{}
			paths[path] = kept
		}
		if shared, ok := item["parameters"]; ok {
			kept["parameters"] = t.strip(shared, schema)
		}
		kept[strings.ToLower(method)] = t.strip(op, schema)
	}
	if len(t.missing) > 0 {
		return nil, fmt.Errorf("references that lead nowhere: %s", strings.Join(t.missing, ", "))
	}
	return map[string]any{
		"openapi":    doc["openapi"],
		"info":       doc["info"],
		"paths":      paths,
		"components": t.components,
	}, nil
}

type trimmer struct {
	doc        map[string]any
	components map[string]any // what was reached, by section and name
	missing    []string
}

// A place says how the keys of an object are to be read.
type place int

const (
	schema place = iota // keys are words of OpenAPI
	names               // keys are names that the description chose
	status              // keys are response statuses
	answer              // a response, which must have a description
)

// strip copies a value without prose, and follows its references.
func (t *trimmer) strip(v any, in place) any {
	switch v := v.(type) {
	case []any:
		kept := make([]any, len(v))
		for i, e := range v {
			kept[i] = t.strip(e, schema)
		}
		return kept
	case map[string]any:
		kept := make(map[string]any, len(v))
		for k, e := range v {
			if in == schema || in == answer {
				if prose(k) && (k != "description" || in != answer) {
					continue
				}
				if ref, ok := e.(string); ok && k == "$ref" {
					t.reach(ref)
				}
			}
			kept[k] = t.strip(e, below(in, k))
		}
		return kept
	}
	return v
}

func prose(key string) bool {
	switch key {
	case "description", "example", "examples", "externalDocs", "tags":
		return true
	}
	return strings.HasPrefix(key, "x-")
}

func below(in place, key string) place {
	switch {
	case in == status:
		return answer
	case in == names:
		return schema
	case key == "responses":
		return status
	case key == "properties", key == "headers", key == "content":
		return names
	}
	return schema
}

// reach keeps the component that a reference names. It is noted before it is
// stripped, since schemas reach themselves.
func (t *trimmer) reach(ref string) {
	parts := strings.Split(strings.TrimPrefix(ref, "#/components/"), "/")
	if len(parts) != 2 {
		t.missing = append(t.missing, ref)
		return
	}
	section, ok := t.components[parts[0]].(map[string]any)
	if !ok {
		section = map[string]any{}
		t.components[parts[0]] = section
	}
	if _, done := section[parts[1]]; done {
		return
	}
	v := lookup(t.doc, "components", parts[0], parts[1])
	if v == nil {
		t.missing = append(t.missing, ref)
		return
	}
	section[parts[1]] = nil
	in := schema
	if parts[0] == "responses" {
		in = answer
	}
	section[parts[1]] = t.strip(v, in)
}

func lookup(v any, keys ...string) any {
	for _, k := range keys {
		object, _ := v.(map[string]any)
		v = object[k]
	}
	return v
}
