using System.CommandLine;
using System.Net.Sockets;
using RedLeafSharp.Cli.Control;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary>
/// <c>redleaf reload</c>, <c>load</c>, <c>unload</c>: changes which domains a system that is running has, and which binaries.
/// </summary>
internal static class DomainCommands
{
    /// <summary>Making a generation ready compiles all its code; this is far beyond what that takes.</summary>
    private const int PatienceMillis = 60_000;

    internal static Command Reload(TextWriter output) => Create(
        "reload", "Swaps a domain of a running system for the binary that is in its folder now.", "It must have a shadow.", output);

    internal static Command Load(TextWriter output) => Create(
        "load", "Puts a domain into a running system, from its folder.", "It starts later, has been unloaded, or was given up.", output);

    internal static Command Unload(TextWriter output) => Create(
        "unload", "Takes a domain out of a running system.", "Its shadow must be able to do without it.", output);

    private static Command Create(string verb, string description, string condition, TextWriter output)
    {
        var domain = new Argument<string>("DOMAIN") { Description = $"Its name in the system file. {condition}" };
        var control = new Option<string>("--control")
        {
            Description = "The socket of the system [that of the only one running].",
            HelpName = "SOCKET",
        };
        var command = new Command(verb, description) { domain, control };
        command.SetAction(parsed => Ask($"{verb} {parsed.GetRequiredValue(domain)}", parsed.GetValue(control), output));
        return command;
    }

    private static int Ask(string request, string? control, TextWriter output)
    {
        using Socket socket = ControlSocket.Connect(control);
        socket.ReceiveTimeout = PatienceMillis;
        using var stream = new NetworkStream(socket);
        using var writer = new StreamWriter(stream) { NewLine = "\n" };
        writer.WriteLine(request);
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
