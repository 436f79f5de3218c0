package main

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const document = `{
 "openapi": "3.0.3", "info": {"title": "T"}, "servers": [{"url": "https://x"}],
 "paths": {
  "/a": {"parameters": [{"$ref": "#/components/parameters/p"}],
   "get": {"description": "prose", "x-github": {}, "responses": {
    "200": {"description": "kept", "headers": {"description": {"description": "prose", "schema": {"type": "string"}}},
     "content": {"application/json": {"schema": {"$ref": "#/components/schemas/node"}, "example": 1}}},
    "404": {"$ref": "#/components/responses/gone"}}},
   "put": {"responses": {"200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/unused"}}}}}}},
  "/b": {"get": {}}
 },
 "components": {
  "parameters": {"p": {"name": "p", "in": "query", "description": "prose", "schema": {"type": "string"}}},
  "responses": {"gone": {"description": "kept"}},
  "schemas": {
   "node": {"type": "object", "description": "prose", "properties": {
    "description": {"type": "string", "description": "prose"}, "example": {"type": "string"}, "next": {"$ref": "#/components/schemas/node"}}},
   "unused": {"type": "object"}}
 }
}`

const trimmed = `{
 "openapi": "3.0.3", "info": {"title": "T"},
 "paths": {
  "/a": {"parameters": [{"$ref": "#/components/parameters/p"}],
   "get": {"responses": {
    "200": {"description": "kept", "headers": {"description": {"schema": {"type": "string"}}},
     "content": {"application/json": {"schema": {"$ref": "#/components/schemas/node"}}}},
    "404": {"$ref": "#/components/responses/gone"}}}}
 },
 "components": {
  "parameters": {"p": {"name": "p", "in": "query", "schema": {"type": "string"}}},
  "responses": {"gone": {"description": "kept"}},
  "schemas": {
   "node": {"type": "object", "properties": {
    "description": {"type": "string"}, "example": {"type": "string"}, "next": {"$ref": "#/components/schemas/node"}}}}
 }
}`

func decoded(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTrim(t *testing.T) {
	got, err := trim(decoded(t, document), []string{"GET /a"})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(decoded(t, trimmed), got); d != "" {
		t.Errorf("trim (-want +got):\n%s", d)
	}
	if _, err := trim(decoded(t, document), []string{"POST /a"}); err == nil {
		t.Error("an operation that is not described was taken")
	}
}
