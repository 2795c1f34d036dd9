import ArgumentParser

/// Saved machines in the cache.
struct Template: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template",
        abstract: "Templates: machines that were booted and saved, from which others go on.",
        discussion: """
            With --warm, ephemeral run and run-ssh make the template that they need by themselves; create makes it ahead of \
            time, with the options that the machines will have.

              bcvk template create --memory 2G IMAGE
              bcvk ephemeral run-ssh --warm --memory 2G IMAGE -- uname -r
            """,
        subcommands: [
            TemplateCreate.self, TemplateList.self, TemplateInspect.self, TemplateRM.self, TemplatePrune.self,
        ])
}
