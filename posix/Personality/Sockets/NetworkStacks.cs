using System.Diagnostics.CodeAnalysis;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// The network stacks that the setting <c>stacks</c> names, by their domains, between spaces. The first is that of processes which
/// choose none.
/// </summary>
internal sealed class NetworkStacks
{
    private readonly List<NetworkStack> stacks = [];

    /// <summary>The stack of process 1; null when the system has none.</summary>
    public NetworkStack? Default => stacks.Count > 0 ? stacks[0] : null;

    public bool TryFind(ReadOnlySpan<byte> name, [NotNullWhen(true)] out NetworkStack? stack)
    {
        stack = null;
        foreach (NetworkStack one in stacks)
        {
            stack = name.SequenceEqual(Ascii.ToBytes(one.Name)) ? one : stack;
        }

        return stack is not null;
    }

    public void Apply(DomainServices services)
    {
        if (!services.TryGetText("stacks", out string? text))
        {
            return;
        }

        foreach (string name in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            stacks.Add(new NetworkStack(
                name, services.Require<ISocketStack>(name), services.Require<INetConfiguration>(name)));
        }
    }
}

/// <summary>A stack.</summary>
internal sealed record NetworkStack(string Name, ISocketStack Sockets, INetConfiguration Configuration);
