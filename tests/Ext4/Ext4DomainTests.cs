using RedLeafSharp.Contracts;
using RedLeafSharp.Domains.Ext4;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

public sealed class Ext4DomainTests
{
    [Fact]
    public void Start_WithFormat_ProvidesAFileSystem()
    {
        using var thread = new TestThread();
        var backend = new Backend(new MemoryBlockDevice(thread.Heap));
        backend.Settings["format"] = "true";
        backend.Settings["label"] = "disk";
        var domain = new Ext4Domain();
        Assert.True(domain.Start(thread.Context, new DomainServices(backend)).IsOk);
        Assert.Equal(2ul, backend.FileSystem!.GetStatus(thread.Context).Value.RootInode);
        Assert.True(domain.Stop(thread.Context).IsOk);
        Assert.Equal(0, thread.Heap.Count(thread.Context.Self.Value).Blocks);
    }

    [Fact]
    public void Start_EmptyDisk_FailsWithOneLine()
    {
        using var thread = new TestThread();
        var backend = new Backend(new MemoryBlockDevice(thread.Heap));
        Assert.Equal(DomainError.BadData, new Ext4Domain().Start(thread.Context, new DomainServices(backend)).Error);
        Assert.Contains("no ext4 file system", Assert.Single(backend.Reports));
        Assert.Equal(0, thread.Heap.Count(thread.Context.Self.Value).Blocks);
    }

    private sealed class Backend(IBlockDevice device) : IDomainServicesBackend
    {
        internal Dictionary<string, string> Settings { get; } = [];

        internal List<string> Reports { get; } = [];

        internal IFileSystem? FileSystem { get; private set; }

        public uint Generation => 1;

        public PciFunction Device => throw new InvalidOperationException();

        public DeviceLoans Loans => throw new InvalidOperationException();

        public object Require(Type contract) => device;

        public IDomainLinkBackend RequireLink(Type contract) => throw new InvalidOperationException();

        public void Provide(Type contract, object implementation) => FileSystem = implementation as IFileSystem ?? FileSystem;

        public long GetNumber(string name, long defaultValue) => defaultValue;

        public bool TryGetText(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? text) =>
            Settings.TryGetValue(name, out text);

        public void Report(Severity severity, string message) => Reports.Add(message);
    }
}
