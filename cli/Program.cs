using RedLeafSharp.Cli.CommandLine;

return RedLeafCommand.Invoke(args, Console.Out, Console.Error);
