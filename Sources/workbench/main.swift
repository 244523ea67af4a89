import CommandLineKit
import TensorCore
import WorkbenchCommands

TemporaryFiles.prepare()
EndingSignals.cleanUp { TemporaryFiles.removeAll() }
await workbenchTool.main()
