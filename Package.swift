// swift-tools-version: 6.2
import PackageDescription

/// Loops over weights are compiled with optimization in debug builds too, so that a plain `swift run`
/// stays usable. Keep them in `Kernels`: everywhere else this would make building 2.8 times slower.
let optimizedAlways: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// The system libraries, each a module map and where needed a few lines of C that Swift cannot import.
let systemLibraries: [Target] = [
  .systemLibrary(
    name: "CGraphviz", pkgConfig: "libgvc",
    providers: [.apt(["libgraphviz-dev"]), .brew(["graphviz"])]),
  .systemLibrary(
    name: "CZlib", pkgConfig: "zlib",
    providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
  .systemLibrary(
    name: "CSQLite", pkgConfig: "sqlite3",
    providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
]

let package = Package(
  name: "workbench",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "workbench", targets: ["workbench"]),
    .library(name: "PassPipeline", targets: ["PassPipeline"]),
  ],
  targets: systemLibraries + [
    // The typed graph, from tensors up to the rewriter.
    .target(name: "Kernels", swiftSettings: optimizedAlways),
    .target(name: "CFileCopy"),
    .target(name: "TensorCore", dependencies: ["CFileCopy", "Kernels"]),
    .target(name: "Processes", dependencies: ["TensorCore"]),
    .target(
      name: "GraphIR", dependencies: ["TensorCore"], exclude: ["Schema/generate-schemas.py"]),
    .target(name: "ONNXFormat", dependencies: ["GraphIR", "Kernels"]),
    .target(name: "GraphAnalysis", dependencies: ["GraphIR"]),

    .target(name: "LinearAlgebra", dependencies: ["GraphIR", "Kernels"]),

    // Rules, passes, pipelines, and strategies of the search.
    .target(name: "Rewriting", dependencies: ["GraphAnalysis"]),
    .target(name: "PassPipeline", dependencies: ["Rewriting"]),
    .executableTarget(name: "PassRegistryGenerator"),
    .plugin(
      name: "PassRegistryPlugin", capability: .buildTool(),
      dependencies: ["PassRegistryGenerator"]),
    .target(name: "Candidates", dependencies: ["GraphAnalysis"]),
    .target(
      name: "Passes", dependencies: ["Candidates", "LinearAlgebra", "PassPipeline"], path: "Passes",
      plugins: ["PassRegistryPlugin"]),

    // Running, measuring, searching.
    .target(name: "COnnxRuntime"),
    .target(
      name: "Evaluation",
      dependencies: ["COnnxRuntime", "CZlib", "GraphAnalysis", "ONNXFormat", "PassPipeline", "Processes"]),
    .target(name: "Journal", dependencies: ["CSQLite", "Kernels"]),
    .target(
      name: "Search",
      dependencies: [
        "Candidates", "Evaluation", "Journal", "Kernels", "LinearAlgebra", "ONNXFormat", "Passes",
      ]),

    // What people see.
    .target(name: "Rendering", dependencies: ["CGraphviz", "GraphAnalysis", "Processes"]),
    .target(name: "CommandLineKit"),
    // What a page needs is in the code: the binary runs from any folder, without files beside it.
    .target(
      name: "Reporting",
      dependencies: ["Candidates", "CommandLineKit", "Kernels", "Passes", "Rendering", "Search"],
      resources: [.embedInCode("Page/report.css"), .embedInCode("Page/report.js")]),
    .target(
      name: "WorkbenchCommands",
      dependencies: [
        "CommandLineKit", "Evaluation", "Journal", "ONNXFormat", "Passes", "Rendering", "Reporting", "Search",
      ]),
    .executableTarget(
      name: "workbench", dependencies: ["WorkbenchCommands"],
      linkerSettings: [
        // Passes loaded from a library find the host's symbols.
        .unsafeFlags(["-Xlinker", "--export-dynamic"], .when(platforms: [.linux]))
      ]),

    // Tests.
    .target(name: "PassTestKit", dependencies: ["Evaluation", "Passes", "Search"]),
    .target(name: "EvaluationTestKit", dependencies: ["CZlib"], path: "Tests/EvaluationTestKit"),
    .testTarget(name: "KernelsTests", dependencies: ["Kernels"]),
    .testTarget(name: "TensorCoreTests", dependencies: ["TensorCore"]),
    .testTarget(name: "ProcessesTests", dependencies: ["Processes"]),
    .testTarget(name: "GraphIRTests", dependencies: ["GraphIR"]),
    .testTarget(name: "ONNXFormatTests", dependencies: ["ONNXFormat"]),
    .testTarget(name: "GraphAnalysisTests", dependencies: ["GraphAnalysis", "ONNXFormat"]),
    .testTarget(name: "RewritingTests", dependencies: ["Rewriting"]),
    .testTarget(name: "PassPipelineTests", dependencies: ["PassPipeline", "Passes"]),
    .testTarget(name: "PassesTests", dependencies: ["PassTestKit"]),
    .testTarget(
      name: "EvaluationTests", dependencies: ["Evaluation", "EvaluationTestKit", "Processes", "workbench"]),
    .testTarget(name: "StrategyTests", dependencies: ["Evaluation", "PassTestKit", "Passes"]),
    .testTarget(name: "JournalTests", dependencies: ["Journal"]),
    .testTarget(name: "SearchTests", dependencies: ["Processes", "Search", "workbench"]),
    .testTarget(name: "RenderingTests", dependencies: ["ONNXFormat", "Processes", "Rendering", "workbench"]),
    .testTarget(
      name: "ReportingTests",
      dependencies: ["Candidates", "GraphIR", "Kernels", "Rendering", "Reporting", "workbench"],
      resources: [.embedInCode("page-checks.js")]),
    .testTarget(name: "CommandLineKitTests", dependencies: ["CommandLineKit"]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "CommandLineKit", "Evaluation", "EvaluationTestKit", "ONNXFormat", "PassPipeline", "Processes",
        "Rewriting", "WorkbenchCommands", "workbench",
      ]),
    .executableTarget(
      name: "operator-cases", dependencies: ["Evaluation", "Passes"], path: "Tests/OperatorCases",
      exclude: [
        "README.md", "check.py", "cases.py", "contrib.py", "execution.py", "exports.py",
        "inference.py", "coverage.py", "requirements.txt",
      ]),
    .executableTarget(
      name: "benchmark", dependencies: ["ONNXFormat"], path: "Tests/Benchmarks"),
  ],
  swiftLanguageModes: [.v6]
)
