import WorkbenchCommands

await workbenchTool.main()
