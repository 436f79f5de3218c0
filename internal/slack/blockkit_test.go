package slack

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// blockKit is the schema of the blocks of a message, made of Slack's own types by
// scripts/blockkit-schema.
var blockKit = sync.OnceValues(func() (*jsonschema.Schema, error) {
	text, err := os.ReadFile("testdata/blockkit/schema.json")
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("blockkit.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("blockkit.json")
})

// checkBlocks holds the blocks of a message against the schema.
func checkBlocks(blocks string) error {
	schema, err := blockKit()
	if err != nil {
		return err
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(blocks))
	if err != nil {
		return err
	}
	return schema.Validate(doc)
}

// TestBlockKit: the schema refuses what Slack would.
func TestBlockKit(t *testing.T) {
	for blocks, ok := range map[string]bool{
		`[{"type":"header","text":{"type":"plain_text","text":"x"}}]`:    true,
		`[{"type":"header","text":{"type":"mrkdwn","text":"x"}}]`:        false,
		`[{"type":"image","slack_file":{"id":"F1"},"alt_text":"x"}]`:     true,
		`[{"type":"image","slack_file":{"id":"F1"}}]`:                    false,
		`[{"type":"heading","text":{"type":"plain_text","text":"x"}}]`:   false,
		`[{"type":"actions","elements":[{"type":"button","text":"x"}]}]`: false,
	} {
		if err := checkBlocks(blocks); (err == nil) != ok {
			t.Errorf("checkBlocks(%s) = %v, want it to pass: %v", blocks, err, ok)
		}
	}
}
