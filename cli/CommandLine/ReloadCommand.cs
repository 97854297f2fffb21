using System.CommandLine;
using System.Net.Sockets;
using RedLeafSharp.Cli.Control;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary><c>redleaf reload</c>: puts a newer binary in the place of a domain of a system that is running.</summary>
internal static class ReloadCommand
{
    /// <summary>Making a generation ready compiles all its code; this is far beyond what that takes.</summary>
    private const int PatienceMillis = 60_000;

    internal static Command Create(TextWriter output)
    {
        var domain = new Argument<string>("DOMAIN") { Description = "Its name in the system file. It must have a shadow." };
        var control = new Option<string>("--control")
        {
            Description = "The socket of the system [that of the only one running].",
            HelpName = "SOCKET",
        };
        var command = new Command("reload", "Swaps a domain of a running system for the binary that is in its folder now.") { domain, control };
        command.SetAction(parsed => Reload(parsed.GetRequiredValue(domain), parsed.GetValue(control), output));
        return command;
    }

    private static int Reload(string domain, string? control, TextWriter output)
    {
        using Socket socket = ControlSocket.Connect(control);
        socket.ReceiveTimeout = PatienceMillis;
        using var stream = new NetworkStream(socket);
        using var writer = new StreamWriter(stream) { NewLine = "\n" };
        writer.WriteLine($"reload {domain}");
        writer.Flush();
        using var reader = new StreamReader(stream);
        string answer = reader.ReadLine() ?? "error: the system has ended";
        if (!answer.StartsWith("ok: ", StringComparison.Ordinal))
        {
            throw new CommandFailure(answer.Replace("error: ", string.Empty, StringComparison.Ordinal));
        }

        output.WriteLine(answer["ok: ".Length..]);
        return ExitCode.Pass;
    }
}
