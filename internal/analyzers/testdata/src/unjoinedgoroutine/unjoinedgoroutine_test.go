package unjoinedgoroutine

func start() { go work(1) }
