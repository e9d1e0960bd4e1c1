// Judges images by a policy.json as podman, CRI-O and skopeo do before they pull them, for the conformance suite. It works in the folder
// it is started in: policy.json, registries.d and the keys that the policy names; one line of JSON for each reference in the arguments.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"go.podman.io/image/v5/docker"
	"go.podman.io/image/v5/image"
	"go.podman.io/image/v5/manifest"
	"go.podman.io/image/v5/signature"
	"go.podman.io/image/v5/types"
)

type verdict struct {
	Allowed bool   `json:"allowed"`
	Reason  string `json:"reason"`
}

// Plain HTTP is tried after TLS, and nothing is read that the machine has for its own podman. The platform is the same everywhere.
var system = &types.SystemContext{
	ArchitectureChoice:          "amd64",
	OSChoice:                    "linux",
	AuthFilePath:                "auth.json",
	DockerInsecureSkipTLSVerify: types.OptionalBoolTrue,
	RegistriesDirPath:           "registries.d",
	SystemRegistriesConfPath:    os.DevNull,
	SystemRegistriesConfDirPath: "registries.conf.d",
}

func main() {
	policy, err := signature.NewPolicyFromFile("policy.json")
	if err != nil {
		log.Fatal(err)
	}
	policyContext, err := signature.NewPolicyContext(policy)
	if err != nil {
		log.Fatal(err)
	}
	defer policyContext.Destroy()
	output := json.NewEncoder(os.Stdout)
	for _, name := range os.Args[1:] {
		answer, err := judge(context.Background(), policyContext, name)
		if err != nil {
			log.Fatal(err)
		}
		if err := output.Encode(answer); err != nil {
			log.Fatal(err)
		}
	}
}

// An image that cannot be read is an error, and not one that is rejected.
func judge(ctx context.Context, policyContext *signature.PolicyContext, name string) (verdict, error) {
	reference, err := docker.ParseReference("//" + name)
	if err != nil {
		return verdict{}, err
	}
	source, err := reference.NewImageSource(ctx, system)
	if err != nil {
		return verdict{}, err
	}
	defer source.Close()
	pulled, err := pulledImage(ctx, source)
	if err != nil {
		return verdict{}, err
	}
	allowed, err := policyContext.IsRunningImageAllowed(ctx, pulled)
	if err != nil {
		return verdict{Reason: err.Error()}, nil
	}
	return verdict{Allowed: allowed}, nil
}

// Of an index only the image for this platform is ever asked about (image/v5, copy/copy.go and copy/single.go).
func pulledImage(ctx context.Context, source types.ImageSource) (*image.UnparsedImage, error) {
	whole := image.UnparsedInstance(source, nil)
	blob, mediaType, err := whole.Manifest(ctx)
	if err != nil || !manifest.MIMETypeIsMultiImage(mediaType) {
		return whole, err
	}
	list, err := manifest.ListFromBlob(blob, mediaType)
	if err != nil {
		return nil, err
	}
	chosen, err := list.ChooseInstance(system)
	if err != nil {
		return nil, err
	}
	return image.UnparsedInstance(source, &chosen), nil
}
