import Foundation

// Usage: PassRegistryGenerator OUTPUT SOURCE…
//
// Lists passes and strategies by file name: `Passes/Fusion/FuseConvBatchNorm.swift` registers the pass
// `FuseConvBatchNorm`, `Passes/Strategies/Ablation.swift` the strategy `Ablation`, so a file whose name is not that
// of its type does not compile. Files in `Support/` are helpers, and files whose name contains `+` are facets of
// another: neither is registered.

let arguments = CommandLine.arguments.dropFirst()
guard let output = arguments.first else {
  FileHandle.standardError.write(Data("usage: PassRegistryGenerator OUTPUT SOURCE...\n".utf8))
  exit(2)
}

let files = arguments.dropFirst()
  .map { URL(fileURLWithPath: $0) }
  .filter { !$0.pathComponents.contains("Support") && !$0.lastPathComponent.contains("+") }

func list(_ files: [URL]) -> String {
  files.map { "    \($0.deletingPathExtension().lastPathComponent).self," }.sorted().joined(separator: "\n")
}

let isStrategy = { (file: URL) in file.deletingLastPathComponent().lastPathComponent == "Strategies" }

let registry = """
  // Generated from the names of the files in Passes/. Do not edit.
  import Candidates
  import PassPipeline

  extension PassRegistry {
    /// Every pass in `Passes/`, sorted by type name.
    public static let builtIn = PassRegistry([
  \(list(files.filter { !isStrategy($0) }))
    ])
  }

  extension StrategyRegistry {
    /// Every strategy in `Passes/Strategies/`.
    public static let builtIn = StrategyRegistry([
  \(list(files.filter(isStrategy)))
    ])
  }

  """

do {
  try registry.write(toFile: output, atomically: true, encoding: .utf8)
} catch {
  FileHandle.standardError.write(Data("PassRegistryGenerator: \(output): \(error)\n".utf8))
  exit(1)
}
