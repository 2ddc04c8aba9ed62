// Go with mattn/go-sqlite3, with the extension compiled in. See ../protocol.py for what a host does.
package main

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"log"
	"os"
	"strings"

	"pipelinehealth"
)

func ask(crm *sql.DB, question string) ([][]any, error) {
	words := strings.Split(question, "\t")
	parameters := make([]any, len(words)-1)
	for i := range parameters {
		parameters[i] = words[i+1]
	}
	rows, err := crm.Query(words[0], parameters...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	answer := [][]any{}
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		answer = append(answer, values)
	}
	return answer, rows.Err()
}

func main() {
	sql.Register("pipeline", pipelinehealth.Driver("salesforce"))
	crm, err := sql.Open("pipeline", "file:"+os.Args[1]+"?mode=ro")
	if err != nil {
		log.Fatal(err)
	}
	crm.SetMaxOpenConns(1) // each connection keeps what it read for itself
	lines := bufio.NewScanner(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		answer, err := ask(crm, lines.Text())
		if err != nil {
			answers.Encode(map[string]string{"error": err.Error()})
		} else {
			answers.Encode(answer)
		}
	}
	if err := crm.Close(); err != nil {
		log.Fatal(err)
	}
}
