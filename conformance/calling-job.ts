/** What a job of the caller's gives the reusable workflow besides its inputs. */
const SECRETS = `
    secrets:
      key: \${{ secrets.KEY }}
      key-password: \${{ secrets.KEY_PASSWORD }}`

/**
 * The end of a workflow whose job `promote` calls the reusable one: its secrets, and a job that looks at some outputs of it, each in a variable of
 * its name in upper case, and does these lines.
 */
export function secretsAndLook(outputs: readonly string[], ...lines: readonly string[]): string {
  const variables = outputs.map(
    (name) => `\n          ${name.toUpperCase()}: \${{ needs.promote.outputs.${name} }}`,
  )
  return `${SECRETS}
  look:
    needs: promote
    runs-on: ubuntu-latest
    steps:
      - env:${variables.join('')}
        run: |${lines.map((line) => `\n          ${line}`).join('')}
`
}
