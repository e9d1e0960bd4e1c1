// The services of compose files, as the library reads them that nerdctl and docker compose are made with.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

type service struct {
	Image      string         `json:"image"`
	Extensions map[string]any `json:"extensions"`
}

type list []string

func (l *list) String() string { return "" }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

func main() {
	var profiles, envFiles list
	flag.Var(&profiles, "profile", "a profile that is on")
	flag.Var(&envFiles, "env-file", "a file with variables")
	flag.Parse()
	options, err := cli.NewProjectOptions(flag.Args(),
		cli.WithOsEnv, cli.WithEnvFiles(envFiles...), cli.WithDotEnv,
		cli.WithDefaultProfiles(profiles...), cli.WithName("conformance"))
	if err != nil {
		log.Fatal(err)
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	services := map[string]service{}
	for name, read := range project.Services {
		services[name] = service{Image: read.Image, Extensions: read.Extensions}
	}
	if err := json.NewEncoder(os.Stdout).Encode(services); err != nil {
		log.Fatal(err)
	}
}
