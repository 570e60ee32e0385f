package main

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
)

// Where the output is no terminal, long work is told of in plain lines, and short work is not.
func TestProgressIsToldInPlainLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		b := &bar{out: &out}
		b.step("polling", 0, 2)
		b.step("polling", 1, 2)
		time.Sleep(plainEvery / 2)
		b.step("translating", 0, 100)
		b.step("polling", 2, 2) // a slow source, while others are being translated
		b.advance(20)
		time.Sleep(plainEvery + time.Second)
		b.advance(30)
		time.Sleep(plainEvery)
		b.step("publishing", 0, -1)
		time.Sleep(plainEvery + time.Second)
		b.step("publishing", 0, 9)
		b.step("publishing", 9, 9)
		b.end()
		time.Sleep(time.Hour)
		const want = "translating: 20 of 100 segments, 2m0s left\n" +
			"translating: 50 of 100 segments, 1m0s left\npublishing …\n"
		if got := out.String(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}
