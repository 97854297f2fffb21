using RedLeafSharp.Contracts;
using Xunit;
using SeekOrigin = RedLeafSharp.Contracts.SeekOrigin;

namespace RedLeafSharp.Tests.Posix;

/// <summary>Bytes that calls allocate, from the program down to the cache of ext4, with all proxies between.</summary>
public sealed class AllocationTests
{
    private const int Rounds = 200;
    private const uint Mode = 0x1A4;

    public static TheoryData<string> Names() =>
        ["open and close", "stat", "fstat", "read", "write", "pread and pwrite", "seek", "create and unlink", "rename", "list", "access", "chmod", "sendfile", "sleep"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Call_OnExt4_AllocatesNothing(string name)
    {
        using PosixRig rig = PosixRig.OnExt4();
        rig.Run(context =>
        {
            var loop = new Loop(rig.System, context);
            loop.Repeat(context, name, Rounds);

            long before = GC.GetAllocatedBytesForCurrentThread();
            loop.Repeat(context, name, Rounds);

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        });
    }

    private sealed class Loop
    {
        private readonly ISystem system;
        private readonly byte[] buffer = new byte[8192];
        private readonly int file;
        private readonly int directory;
        private readonly int sink;

        internal Loop(ISystem system, CallContext context)
        {
            this.system = system;
            file = system.Open(context, "/f"u8, OpenFlags.Create | OpenFlags.ReadWrite, Mode).Value;
            directory = system.Open(context, "/"u8, OpenFlags.Directory, 0).Value;
            sink = system.Open(context, "/dev/null"u8, OpenFlags.WriteOnly, 0).Value;
            Assert.Equal(buffer.Length, system.WriteAt(context, file, 0, buffer).Value);
        }

        internal void Repeat(CallContext context, string name, int count)
        {
            for (int round = 0; round < count; round++)
            {
                if (!Call(context, name))
                {
                    throw new InvalidOperationException($"{name} failed");
                }
            }
        }

        private bool Call(CallContext context, string name) => name switch
        {
            "open and close" => system.Close(context, system.Open(context, "/f"u8, OpenFlags.ReadOnly, 0).Value).IsOk,
            "stat" => system.GetAttributes(context, "/f"u8, followsLinks: true).IsOk,
            "fstat" => system.GetDescriptorAttributes(context, file).IsOk,
            "read" => system.Seek(context, file, 0, SeekOrigin.Start).IsOk && system.Read(context, file, buffer).Value == buffer.Length,
            "write" => system.Seek(context, file, 0, SeekOrigin.Start).IsOk && system.Write(context, file, buffer).Value == buffer.Length,
            "pread and pwrite" => system.WriteAt(context, file, 100, buffer.AsSpan(0, 4096)).IsOk
                && system.ReadAt(context, file, 100, buffer.AsSpan(0, 4096)).IsOk,
            "seek" => system.Seek(context, file, 0, SeekOrigin.Data).IsOk,
            "create and unlink" => MakeAndRemove(context),
            "rename" => system.Rename(context, "/f"u8, "/g"u8).IsOk && system.Rename(context, "/g"u8, "/f"u8).IsOk,
            "list" => system.Seek(context, directory, 0, SeekOrigin.Start).IsOk && system.ReadDirectory(context, directory, buffer).IsOk,
            "sendfile" => system.SendFileAt(context, sink, file, 100, 4096).Value == 4096,
            "sleep" => system.Sleep(context, 1).IsOk,
            "access" => system.CheckAccess(context, PlainCalls.WorkingDirectory, "/f"u8, AccessModes.Read, AtFlags.None).IsOk,
            _ => system.SetAttributes(
                context, "/f"u8, new FileAttributesChange { Fields = FileAttributeFields.Mode, Mode = Mode }, followsLinks: true).IsOk,
        };

        private bool MakeAndRemove(CallContext context)
        {
            int made = system.Open(context, "/new"u8, OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.WriteOnly, Mode).Value;
            return system.Write(context, made, buffer.AsSpan(0, 64)).IsOk && system.Close(context, made).IsOk
                && system.Unlink(context, "/new"u8).IsOk;
        }
    }
}
