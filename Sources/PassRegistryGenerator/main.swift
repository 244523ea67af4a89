import Foundation

// Usage: PassRegistryGenerator OUTPUT SOURCE…
//
// Lists passes by file name: `Passes/Fusion/FuseConvBatchNorm.swift` registers the type `FuseConvBatchNorm`,
// so a file whose name is not that of its pass does not compile. Files in `Support/` are helpers, and files
// whose name contains `+` are facets of another: neither is registered.

let arguments = CommandLine.arguments.dropFirst()
guard let output = arguments.first else {
  FileHandle.standardError.write(Data("usage: PassRegistryGenerator OUTPUT SOURCE...\n".utf8))
  exit(2)
}

let names = arguments.dropFirst()
  .map { URL(fileURLWithPath: $0) }
  .filter { !$0.pathComponents.contains("Support") && !$0.lastPathComponent.contains("+") }
  .map { $0.deletingPathExtension().lastPathComponent }
  .sorted()

let registry = """
  // Generated from the names of the files in Passes/. Do not edit.
  import PassPipeline

  extension PassRegistry {
    /// Every pass in `Passes/`, sorted by type name.
    public static let builtIn = PassRegistry([
  \(names.map { "    \($0).self," }.joined(separator: "\n"))
    ])
  }

  """

do {
  let text = names.isEmpty ? "// No passes yet.\n" : registry
  try text.write(toFile: output, atomically: true, encoding: .utf8)
} catch {
  FileHandle.standardError.write(Data("PassRegistryGenerator: \(output): \(error)\n".utf8))
  exit(1)
}
