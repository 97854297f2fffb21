using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.TcpStack.Packets;
using RedLeafSharp.Domains.TcpStack.Sockets;
using RedLeafSharp.Domains.TcpStack.Tcp;

namespace RedLeafSharp.Domains.TcpStack;

/// <summary>The TCP/IP stack as a domain. docs/tcp-stack.md says what it has and what it has not.</summary>
[Reentrant]
[CompletesCalls]
public sealed class TcpStackDomain : IDomain
{
    private StackWork? work;

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Start(CallContext context, DomainServices services)
    {
        long packets = services.GetNumber("packets", StackLimits.PacketsDefault);
        if (packets is < StackLimits.PacketsMin or > StackLimits.PacketsMax)
        {
            services.Report(
                Severity.Error, $"packets is {packets}; it must be {StackLimits.PacketsMin} to {StackLimits.PacketsMax}");
            return DomainError.BadSetting;
        }

        long ecn = services.GetNumber("ecn", (long)EcnMode.Accept);
        if (ecn is < (long)EcnMode.Off or > (long)EcnMode.Accept)
        {
            services.Report(Severity.Error, $"ecn is {ecn}; it must be 0 (off), 1 (ask) or 2 (accept)");
            return DomainError.BadSetting;
        }

        // What peers must not guess (RFC 6528, RFC 6056) hangs on these 128 bits.
        byte[] key = new byte[2 * sizeof(ulong)];
        if (!services.Require<IEntropy>().Fill(context, key).IsOk
            || !PacketPool.TryCreate(context, (int)packets, out PacketPool pool))
        {
            services.Report(Severity.Error, "there is no entropy, or no memory for packets");
            return DomainError.DependencyFailed;
        }

        var stack = new NetworkStack(
            pool, BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key.AsSpan(sizeof(ulong))))
        {
            NowMicros = context.UptimeMicros,
        };
        stack.Tcp.Ecn = (EcnMode)ecn;
        work = new StackWork(context, stack);
        if (!new StackSettings(services, stack).TryApply(context, work.Wake))
        {
            return DomainError.BadSetting;
        }

        services.Provide<ISocketStack>(new SocketStack(stack, work));
        services.Provide<INetConfiguration>(new NetConfiguration(stack, work));
        services.Provide<IBackgroundWork>(work);
        return default(Unit);
    }

    /// <inheritdoc/>
    public Reply<Unit, DomainError> Stop(CallContext context)
    {
        work!.Stop();
        return default(Unit);
    }
}
