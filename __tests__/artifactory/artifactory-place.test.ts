import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeOf } from '../../src/artifactory/artifactory-place.ts'

const SELF_MANAGED = 'https://artifactory.example.com/artifactory'
const CLOUD = 'https://acme.jfrog.io/artifactory'
const LOCAL = 'http://127.0.0.1:8081/artifactory/'

for (const [name, registry, path, url, expected] of [
  [
    'the first part of the path',
    'artifactory.example.com',
    'docker-dev/team/app',
    SELF_MANAGED,
    'docker-dev team/app',
  ],
  ['the first part of the path behind a port', '127.0.0.1:8081', 'docker-dev/app', LOCAL, 'docker-dev app'],
  [
    'the name before the host',
    'docker-dev.artifactory.example.com',
    'team/app',
    SELF_MANAGED,
    'docker-dev team/app',
  ],
  ['the first part of the path in the cloud', 'acme.jfrog.io', 'docker-dev/app', CLOUD, 'docker-dev app'],
  [
    'what follows the instance in the cloud',
    'acme-docker-dev.jfrog.io',
    'team/app',
    CLOUD,
    'docker-dev team/app',
  ],
  ['nothing in a path of one part', 'artifactory.example.com', 'app', SELF_MANAGED, undefined],
  ['nothing at a port of its own', 'artifactory.example.com:8876', 'team/app', SELF_MANAGED, undefined],
  ['nothing at two names before the host', 'a.b.artifactory.example.com', 'app', SELF_MANAGED, undefined],
  ['nothing at another instance of the cloud', 'acme2-docker.jfrog.io', 'app', CLOUD, undefined],
  ['nothing at a host that only ends alike', 'notartifactory.example.com', 'a/b', SELF_MANAGED, undefined],
  ['nothing at another registry', 'ghcr.io', 'acme/app', CLOUD, undefined],
] as const) {
  test(`the key of a repository is ${name}`, () => {
    const place = placeOf({ registry, path }, new URL(url))
    assert.equal(place && `${place.key} ${place.image}`, expected)
  })
}
