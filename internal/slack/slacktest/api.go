package slacktest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

type object = map[string]any

// methods has a row for each method of the Web API that is there.
// Source: docs.slack.dev/reference/methods.
var methods = map[string]func(s *Server, form url.Values) object{
	"auth.test": func(*Server, url.Values) object { return object{"user_id": botUse, "bot_id": botID, "team": team} },
	"users.info": func(s *Server, form url.Values) object {
		m, ok := s.member(form.Get("user"))
		if !ok {
			return refuse("user_not_found")
		}
		return object{"user": profile(m)}
	},
	"users.lookupByEmail": func(s *Server, form url.Values) object {
		for _, m := range s.members {
			if strings.EqualFold(m.Email, form.Get("email")) {
				return object{"user": profile(m)}
			}
		}
		return refuse("users_not_found")
	},
	"conversations.open":    (*Server).open,
	"conversations.list":    (*Server).list,
	"conversations.history": func(s *Server, form url.Values) object { return s.read(form, "") },
	"conversations.replies": func(s *Server, form url.Values) object { return s.read(form, form.Get("ts")) },
	"chat.postMessage":      (*Server).post,
	"chat.update":           (*Server).update,
	"chat.postEphemeral":    (*Server).whisper,

	"files.getUploadURLExternal":   (*Server).announce,
	"files.completeUploadExternal": (*Server).share,
}

func refuse(code string) object { return object{"ok": false, "error": code} }

func profile(m Member) object {
	return object{"id": m.ID, "name": m.Name, "real_name": m.RealName, "tz": m.Timezone, "profile": object{"email": m.Email}}
}

func (s *Server) api(w http.ResponseWriter, r *http.Request) {
	answer := refuse("invalid_form_data")
	if err := r.ParseForm(); err == nil {
		answer = s.call(r.PathValue("method"), r.Header.Get("Authorization"), r.PostForm)
	}
	if answer["ok"] == nil {
		answer["ok"] = true
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // an error is the app's having gone
}

func (s *Server) call(method, authorization string, form url.Values) object {
	deed := methods[method]
	switch {
	case authorization != "Bearer "+s.token && form.Get("token") != s.token:
		return refuse("invalid_auth")
	case deed == nil:
		return refuse("unknown_method")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return deed(s, form)
}

func (s *Server) open(form url.Values) object {
	m, ok := s.member(form.Get("users"))
	if !ok {
		return refuse("user_not_found")
	}
	i := slices.IndexFunc(s.channels, func(c channel) bool { return c.member == m.ID })
	if i < 0 {
		s.addChannel(m.Name, m.ID)
		i = len(s.channels) - 1
	}
	return object{"channel": object{"id": s.channels[i].id}}
}

func (s *Server) list(url.Values) object {
	list := []object{}
	for _, c := range s.channels {
		if c.member == "" {
			list = append(list, object{"id": c.id, "name": c.name})
		}
	}
	return object{"channels": list}
}

func (s *Server) read(form url.Values, thread string) object {
	c, ok := s.channel(form.Get("channel"))
	if !ok {
		return refuse("channel_not_found")
	}
	list := []object{}
	for _, m := range slices.Backward(s.messages) {
		if m.Channel == c.id && m.For == "" && (m.Thread == thread || m.TS == thread) && m.TS >= form.Get("oldest") {
			list = append(list, object{"ts": m.TS, "thread_ts": m.Thread, "text": m.Text, "user": botUse, "bot_id": botID, "metadata": m.Metadata})
		}
	}
	return object{"messages": list}
}

// message is what a form says, where its channel is there.
func (s *Server) message(form url.Values) (Message, bool) {
	c, ok := s.channel(form.Get("channel"))
	return Message{
		Channel: c.id, Thread: form.Get("thread_ts"), Broadcast: form.Get("reply_broadcast") == "true", Text: form.Get("text"),
		Blocks: json.RawMessage(form.Get("blocks")), Metadata: json.RawMessage(form.Get("metadata")),
	}, ok
}

func (s *Server) find(channel, ts string) int {
	return slices.IndexFunc(s.messages, func(m Message) bool { return m.Channel == channel && m.TS == ts && m.For == "" })
}

func (s *Server) post(form url.Values) object {
	m, ok := s.message(form)
	switch {
	case !ok:
		return refuse("channel_not_found")
	case m.Thread != "" && s.find(m.Channel, m.Thread) < 0:
		return refuse("thread_not_found")
	}
	m = s.say(m)
	return object{"channel": m.Channel, "ts": m.TS}
}

func (s *Server) update(form url.Values) object {
	m, ok := s.message(form)
	i := s.find(m.Channel, form.Get("ts"))
	if !ok || i < 0 {
		return refuse("message_not_found")
	}
	old := &s.messages[i]
	old.Text, old.Blocks, old.Metadata, old.Edited = m.Text, m.Blocks, m.Metadata, true
	return object{"channel": old.Channel, "ts": old.TS, "text": old.Text}
}

func (s *Server) whisper(form url.Values) object {
	m, ok := s.message(form)
	who, there := s.member(form.Get("user"))
	if !ok || !there {
		return refuse("user_not_in_channel")
	}
	m.For = who.ID
	return object{"message_ts": s.say(m).TS}
}

// announce, upload and share are the three steps of a file. One that is shared in no
// channel is seen where a message shows it.
func (s *Server) announce(form url.Values) object {
	id := "F" + strconv.Itoa(len(s.files)+1)
	s.files = append(s.files, file{id: id, name: form.Get("filename")})
	return object{"file_id": id, "upload_url": s.URL() + "/upload/" + id}
}

// mostFile is the size of the largest file that is taken, in bytes.
const mostFile = 8 << 20

func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	content, _, err := r.FormFile("file")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	defer content.Close()
	data, err := io.ReadAll(io.LimitReader(content, mostFile))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.files {
		if s.files[i].id == r.PathValue("file") {
			s.files[i].content = data
			fmt.Fprintf(w, "OK - %d", len(data))
			return
		}
	}
	http.NotFound(w, r)
}

func (s *Server) share(form url.Values) object {
	var list []struct{ ID, Title string }
	c, ok := s.channel(form.Get("channel_id"))
	if err := json.Unmarshal([]byte(form.Get("files")), &list); err != nil || !ok && form.Get("channel_id") != "" {
		return refuse("invalid_arguments")
	}
	shared := []object{}
	for _, f := range list {
		if ok {
			s.say(Message{Channel: c.id, Thread: form.Get("thread_ts"), Text: f.Title, File: f.ID})
		}
		shared = append(shared, object{"id": f.ID, "title": f.Title})
	}
	return object{"files": shared}
}

// press is the payload of a button.
func (s *Server) press(member, channel, ts, action string) (url.Values, error) {
	m, ok := s.member(member)
	c, there := s.channel(channel)
	i := slices.IndexFunc(s.messages, func(m Message) bool { return m.Channel == c.id && m.TS == ts })
	if !ok || !there || i < 0 {
		return nil, fmt.Errorf("press %s of %s: nobody, or no such message", action, ts)
	}
	for _, b := range blocksOf(s.messages[i]) {
		for _, e := range b.Elements {
			if e.ActionID != action {
				continue
			}
			s.serial++
			payload, err := json.Marshal(object{
				"type": "block_actions", "user": object{"id": m.ID, "name": m.Name}, "team": object{"domain": team},
				"container": object{"type": "message", "channel_id": c.id, "message_ts": ts, "thread_ts": s.messages[i].Thread},
				"channel":   object{"id": c.id, "name": c.name},
				"actions":   []object{{"type": "button", "block_id": "b", "action_id": e.ActionID, "value": e.Value, "action_ts": strconv.Itoa(s.serial)}},
			})
			return url.Values{"payload": {string(payload)}}, err
		}
	}
	return nil, fmt.Errorf("press %s of %s: there is no such button", action, ts)
}

func commandForm(m Member, c channel, text string) url.Values {
	return url.Values{
		"command": {"/bar-raiser"}, "text": {text}, "user_id": {m.ID}, "user_name": {m.Name}, "team_domain": {team}, "channel_id": {c.id},
	}
}

// send signs a form, as of now by the machine's clock, and sends it to the app.
// Source: docs.slack.dev/authentication/verifying-requests-from-slack.
func (s *Server) send(ctx context.Context, path string, form url.Values) ([]byte, error) {
	s.mu.Lock()
	app := s.app
	s.mu.Unlock()
	if app == "" {
		return nil, errors.New("nobody listens to this workspace")
	}
	body := form.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, app+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(s.secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("the app answers %s: %s", resp.Status, bytes.TrimSpace(answer))
	}
	return answer, err
}
