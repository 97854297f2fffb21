using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;

namespace RedLeafSharp.Cli.Host;

/// <summary>The address that a DHCP server lends to a system for as long as it runs.</summary>
internal static class DhcpLease
{
    private const string Program = "dhclient";

    /// <summary>Waits for an address.</summary>
    /// <exception cref="CommandFailure">No server has given one.</exception>
    internal static void Obtain(RedLeafSystem system)
    {
        if (HostProcess.RunProgram(system, Program, NetworkDescription.LinkName) != 0)
        {
            throw new CommandFailure("--dhcp: the system has no address");
        }
    }

    /// <summary>Gives it back; a lease that has been lost meanwhile is nothing to fail for.</summary>
    internal static void Release(RedLeafSystem system) =>
        _ = HostProcess.RunProgram(system, Program, "-r", NetworkDescription.LinkName);
}
