import PackagePlugin

/// Lists the files of a target as passes before each build: see `PassRegistryGenerator`.
@main struct PassRegistryPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    guard let sources = target.sourceModule?.sourceFiles(withSuffix: ".swift").map(\.url) else { return [] }
    let output = context.pluginWorkDirectoryURL.appending(path: "PassRegistry+Generated.swift")
    return [
      .buildCommand(
        displayName: "Listing passes",
        executable: try context.tool(named: "PassRegistryGenerator").url,
        arguments: [output.path()] + sources.map { $0.path() },
        inputFiles: sources, outputFiles: [output])
    ]
  }
}
