import Evaluation

if CommandLine.arguments.dropFirst().first == "worker" { WorkerHost.run() }
print("workbench")
